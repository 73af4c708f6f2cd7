# Secrets as systemd hands them over, by builtins alone: name -> path, or null for one that the machine has by that name.
{ credentials }:

let
  names = builtins.attrNames credentials;
  loaded = builtins.filter (name: credentials.${name} != null) names;
  imported = builtins.filter (name: credentials.${name} == null) names;
  some = list: if list == [ ] then null else list;
  all = {
    LoadCredential = some (map (name: "${name}:${credentials.${name}}") loaded);
    ImportCredential = some imported;
  };
in
builtins.removeAttrs all (builtins.filter (key: all.${key} == null) (builtins.attrNames all))
