# TLS of a node.
{ config, lib, ... }:

let
  inherit (lib) mkOption types;
  cfg = config.tls;
  own = import ./types.nix { inherit lib; };

  file =
    what: example:
    mkOption {
      type = types.nullOr own.secret;
      default = null;
      inherit example;
      description = ''
        ${what}, as PEM. A path is read by systemd at the node's start, so that root alone needs to be able to; another word
        is the name of a credential that the machine has (see {manpage}`systemd.exec(5)`, `ImportCredential=`).
      '';
    };
in
{
  # interface

  options = {
    tls = {
      enable = lib.mkEnableOption "TLS on all ports, where nodes and clients show certificates of the ring's own CA";
      mode = mkOption {
        type = types.enum [
          "accept"
          "prefer"
          "require"
        ];
        default = "require";
        description = ''
          A ring that runs without TLS gets it one step at a time, each on all nodes: `accept` takes both and calls plain,
          `prefer` takes both and calls with TLS, `require` knows nothing else.
        '';
      };
      certificate = file "The node's certificate (`chord tls node`), which bears its ring and its name" "/run/secrets/node1.crt";
      key = file "Its private key" "/run/secrets/node1.key";
      ca = file "The CA, or several while it changes" "/etc/chord/ca.crt";
    };
  };

  # implementation

  config = lib.mkIf cfg.enable {
    settings.tls = lib.mkDefault cfg.mode;
    secrets = {
      tls-cert = cfg.certificate;
      tls-key = cfg.key;
      tls-ca = cfg.ca;
    };
  };
}
