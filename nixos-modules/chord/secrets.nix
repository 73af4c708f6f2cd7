# How secrets come to a node: systemd hands them over as credentials, and the file names them.
{ config, lib, ... }:

let
  inherit (lib) mkOption types;
  own = import ./types.nix { inherit lib; };

  given = lib.filterAttrs (_: value: value != null) config.secrets;
  isPath = lib.hasPrefix "/";
in
{
  # interface

  options = {
    secrets = mkOption {
      type = types.attrsOf (types.nullOr own.secret);
      internal = true;
      default = { };
      description = "Settings that name a file with a secret: its path, or the name of a credential.";
    };
    credentials = mkOption {
      type = types.attrsOf (types.nullOr own.path);
      internal = true;
      readOnly = true;
      description = "What systemd hands over, by name: a path, or null for what the machine has by that name.";
    };
  };

  # implementation

  config = {
    # The program looks for a name without a slash among its credentials.
    settings = lib.mapAttrs (name: value: lib.mkDefault (if isPath value then name else value)) given;
    credentials = lib.mapAttrs' (
      name: value: if isPath value then lib.nameValuePair name value else lib.nameValuePair value null
    ) given;
  };
}
