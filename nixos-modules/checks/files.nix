# The unit files of a few nodes, by name, for systemd-analyze and for machines that boot them:
# nix-instantiate --eval --strict --json nixos-modules/checks/files.nix --argstr package /opt/chord
{
  package,
  # Below which NAME.json are.
  configs ? "/etc/chord",
  extraArgs ? [ ],
  watchdogSec ? 30,
  nodes ? {
    sockets = {
      listenStreams = {
        ring = [ "4170" ];
        http = [ "127.0.0.1:8170" ];
        redis = [ "127.0.0.1:6170" ];
      };
      credentials.tls-key = "/run/secrets/key.pem";
    };
    alone.ports = [ 4171 ];
    elsewhere = {
      dataDir = "/srv";
      user = "root";
      ports = [ 4172 ];
    };
  },
}:

let
  render = import ../chord/render.nix;
  filesOf =
    name: more:
    let
      units = import ../chord/unit.nix (
        {
          unit = "chord-${name}";
          inherit package extraArgs watchdogSec;
          configFile = "${configs}/${name}.json";
          stateDirectory = "chord/${name}";
        }
        // more
      );
    in
    [
      {
        name = "chord-${name}.service";
        value = render units.service;
      }
    ]
    ++ map (socket: {
      name = "${socket}.socket";
      value = render units.sockets.${socket};
    }) (builtins.attrNames units.sockets);
in
builtins.listToAttrs (
  builtins.concatLists (map (name: filesOf name nodes.${name}) (builtins.attrNames nodes))
)
