# Options of a node's ports for others than nodes: http and Redis.
{ config, lib, ... }:

let
  inherit (lib) mkOption types;
  own = import ./types.nix { inherit lib; };

  port = number: what: {
    enable = lib.mkEnableOption what;
    listenAddress = mkOption {
      type = own.host;
      default = "127.0.0.1";
      example = "192.0.2.7";
      description = "Its address on this machine; `::` or `0.0.0.0` for all.";
    };
    port = mkOption {
      type = types.port;
      default = number;
      description = "Its number.";
    };
    openFirewall = mkOption {
      type = types.bool;
      default = false;
      description = "Whether it is opened in the firewall, to all.";
    };
  };
in
{
  options = {
    http =
      port 8170 "the http port: the page, health (`/healthz`, `/readyz`) and metrics (`/metrics`)"
      // {
        pprof = mkOption {
          type = types.bool;
          default = false;
          description = "Whether the http port shows Go's profiles (`/debug/pprof/`); on loopback alone.";
        };
      };
    redis = port 6170 "the Redis port, for clients of any language" // {
      users = mkOption {
        type = types.nullOr own.secret;
        default = null;
        example = "/run/secrets/redis-users";
        description = ''
          File of who may authenticate at it, lines `name:role:hash`: the role `read`, `write` or `admin`, the hash bcrypt's. A
          path or a credential's name, as with {option}`services.chord.nodes.<name>.tls.key`. null: who reaches the port may
          read and write; with TLS, who shows a certificate.
        '';
      };
    };

    metrics.traceEndpoint = mkOption {
      type = types.nullOr types.singleLineStr;
      default = null;
      example = "http://127.0.0.1:4318";
      description = "Where traces go to, by OTLP; null: nowhere.";
    };
  };

  config.secrets = lib.mkIf config.redis.enable { redis-users = config.redis.users; };
}
