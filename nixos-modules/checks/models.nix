# The Disnix models: what runs where, at which ports, after what. With `disnix`, its own code reads them; else they are
# read as it does, which is to put a service's targets and its dependencies' into its package function.
{ disnix, lib }:

let
  infrastructure = import ../../infrastructure.nix;
  distribution = import ../../distribution.nix { inherit infrastructure; };
  ids = (import ../../networks/ids.nix).ids.ports;
  idresources = import ../../networks/idresources.nix;

  pkgs = import ./few.nix;
  # In place of the package, which needs all of nixpkgs.
  servicesFor =
    args:
    import ../../services.nix (
      {
        system = "x86_64-linux";
        inherit distribution;
        invDistribution = { };
        inherit pkgs;
      }
      // args
    );
  services = servicesFor { };

  targetOf = name: builtins.head distribution.${name};
  dependencies =
    service: builtins.mapAttrs (_: d: d // { target = targetOf d.name; }) (service.dependsOn or { });
  build = service: if service ? dependsOn then service.pkg (dependencies service) else service.pkg;
  settingsOf = name: builtins.fromJSON (build services.${name}).configFile.text;

  nodes = [
    "ChordBootstrapNode"
    "ChordNode1"
    "ChordNode2"
    "ChordNode3"
  ];
  each =
    f:
    builtins.listToAttrs (
      map (name: {
        inherit name;
        value = f name;
      }) nodes
    );
in
{
  services = {
    expr = builtins.attrNames services;
    expected = nodes ++ [ "openchord" ];
  };
  targets = {
    expr = builtins.mapAttrs (_: map (target: target.properties.hostname)) distribution;
    expected = {
      ChordBootstrapNode = [ "test1" ];
      ChordNode1 = [ "test1" ];
      ChordNode2 = [ "test2" ];
      ChordNode3 = [ "test2" ];
      openchord = [
        "test1"
        "test2"
      ];
    };
  };
  # Disnix does not copy state between targets that it knows by two names.
  hostNamesAreNames = {
    expr = builtins.mapAttrs (_: target: target.properties.hostname) infrastructure;
    expected = builtins.mapAttrs (name: _: name) infrastructure;
  };
  containers = {
    expr = builtins.all (
      target: builtins.all (name: target.containers ? ${services.${name}.type}) nodes
    ) (builtins.attrValues infrastructure);
    expected = true;
  };
  ports = {
    expr = each (name: services.${name}.port);
    expected = {
      ChordBootstrapNode = 8001;
      ChordNode1 = 8002;
      ChordNode2 = 8003;
      ChordNode3 = 8004;
    };
  };
  portsInRange = {
    expr = builtins.all (port: port >= idresources.ports.min && port <= idresources.ports.max) (
      builtins.attrValues ids
    );
    expected = true;
  };
  dependencies = {
    expr = each (name: builtins.attrNames (services.${name}.dependsOn or { }));
    expected = {
      ChordBootstrapNode = [ ];
      ChordNode1 = [ "ChordBootstrapNode" ];
      ChordNode2 = [ "ChordBootstrapNode" ];
      ChordNode3 = [ "ChordBootstrapNode" ];
    };
  };
  namesAreKeys = {
    expr = builtins.mapAttrs (_: service: service.name) services;
    expected = builtins.mapAttrs (name: _: name) services;
  };
  stateMoves = {
    expr = each (name: [
      services.${name}.type
      services.${name}.deployState
    ]);
    expected = each (_: [
      "chord-node"
      true
    ]);
  };
  withoutState = {
    expr = (servicesFor { moveState = false; }).ChordNode1.type;
    expected = "systemd-unit";
  };
  # A component's name without a version finds its snapshots again.
  components = {
    expr = each (name: (build services.${name}).name);
    expected = each (name: name);
  };
  bootstrapSettings = {
    expr = settingsOf "ChordBootstrapNode";
    expected = {
      name = "ChordBootstrapNode";
      listen = "[::]:8001";
      insecure = true;
    };
  };
  nodeSettings = {
    expr = settingsOf "ChordNode3";
    expected = {
      name = "ChordNode3";
      listen = "[::]:8004";
      insecure = true;
      bootstrap = [ "test1:8001" ];
    };
  };
  tls = {
    expr =
      let
        secured = build (servicesFor { tls = "/etc/chord"; }).ChordNode1;
        has = text: words: builtins.replaceStrings [ words ] [ "" ] text != text;
      in
      [
        (builtins.fromJSON secured.configFile.text).tls-key
        (has secured.unit.text "LoadCredential=tls-key:/etc/chord/ChordNode1.key")
        (has secured.about.text "export CHORD_TLS_CERT=/etc/chord/ChordNode1.crt")
      ];
    expected = [
      "tls-key"
      true
      true
    ];
  };
  networks = {
    expr = builtins.attrNames (import ../../networks/network.nix);
    expected = builtins.attrNames infrastructure;
  };
}
// import ./growth.nix { inherit pkgs; }
// (if disnix == null || lib == null then { } else import ./disnix.nix { inherit disnix lib pkgs; })
