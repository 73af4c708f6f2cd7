# Types of what ends up in unit files, where a space, a line's end or a percent sign would be read as more than itself.
{ lib }:

let
  inherit (lib) types;
  words =
    pattern: what:
    types.strMatching pattern
    // {
      description = what;
    };
  plain = path: builtins.match "/[A-Za-z0-9@_.,+=/-]*" (toString path) != null;
  plainly = type: what: types.addCheck type plain // { description = what; };
in
rec {
  host = words "[0-9A-Za-z:._-]+" "name or number of a host";
  address = words "[][0-9A-Za-z:._-]+:[0-9]+" "host:port";

  path = plainly types.path "absolute path of letters, digits and @_.,+=-";
  filePath = plainly types.externalPath "absolute path outside the store, of letters, digits and @_.,+=-";

  calendar = words "[0-9A-Za-z:.,/*~_ +-]+" "calendar expression of systemd";

  name = words "[0-9A-Za-z_.-]+" "name of letters, digits and _.-";
  secret = types.either filePath name // {
    description = "absolute path outside the store, or name of a credential of systemd";
  };
}
