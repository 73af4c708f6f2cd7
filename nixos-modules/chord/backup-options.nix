# Options of a node's backups.
{ lib, name, ... }:

let
  inherit (lib) mkOption types;
  own = import ./types.nix { inherit lib; };
in
{
  options = {
    backup = {
      enable = lib.mkEnableOption "copies of the node's database at fixed times, made while it runs";
      schedule = mkOption {
        type = own.calendar;
        default = "daily";
        example = "*-*-* 03:30";
        description = "When, as {manpage}`systemd.time(7)` says it.";
      };
      directory = mkOption {
        type = own.path;
        default = "/var/lib/chord-backup/${name}";
        defaultText = lib.literalExpression ''"/var/lib/chord-backup/<name>"'';
        description = "Where to. It belongs to the user `chord`.";
      };
      keep = mkOption {
        type = types.ints.positive;
        default = 7;
        description = "How many copies are kept.";
      };
      postHook = mkOption {
        type = types.lines;
        default = "";
        example = "rsync \"$FILE\" backup.example.org:";
        description = "Commands of a shell to run after a copy, whose path is `$FILE`.";
      };
    };
  };
}
