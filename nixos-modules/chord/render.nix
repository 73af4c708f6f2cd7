# The text of a unit file, of sections of key and value. Builtins only.
sections:

let
  text = value: if builtins.isBool value then (if value then "yes" else "no") else toString value;
  # A list is the key repeated.
  entry =
    key: value:
    if builtins.isList value then
      builtins.concatStringsSep "" (map (entry key) value)
    else
      "${key}=${text value}\n";
  section =
    name:
    "[${name}]\n"
    + builtins.concatStringsSep "" (
      map (key: entry key sections.${name}.${key}) (builtins.attrNames sections.${name})
    );
  # The order that people write.
  known = [
    "Unit"
    "Service"
    "Socket"
    "Timer"
    "Install"
  ];
in
builtins.concatStringsSep "\n" (map section (builtins.filter (name: sections ? ${name}) known))
