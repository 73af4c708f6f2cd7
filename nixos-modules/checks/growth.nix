# One node more in the ring's data is one service more, and no other changes.
{ pkgs }:

let
  infrastructure = import ../../infrastructure.nix;
  here = import ../../networks/ring.nix;
  inherit (import ../../networks/ids.nix) ids;

  # What Disnix would activate: of each service its component, its type and its machines.
  manifest =
    ring: ports:
    let
      distribution = import ../../distribution.nix { inherit infrastructure ring; };
      services = import ../../services.nix {
        system = "x86_64-linux";
        inherit distribution pkgs ring;
        invDistribution = { };
        ids = { inherit ports; };
      };
      withTarget = _: service: service // { target = builtins.head distribution.${service.name}; };
      component =
        service:
        if service ? dependsOn then
          service.pkg (builtins.mapAttrs withTarget service.dependsOn)
        else
          service.pkg;
    in
    builtins.mapAttrs (name: service: {
      inherit (service) type;
      component = "${component service}";
      machines = map (target: target.properties.hostname) distribution.${name};
      # The program itself is on all machines before and after.
    }) (removeAttrs services [ "openchord" ]);

  before = manifest here ids.ports;
  changed =
    after:
    builtins.filter (name: (before.${name} or null) != after.${name}) (builtins.attrNames after)
    ++ builtins.filter (name: !(after ? ${name})) (builtins.attrNames before);
in
{
  nodeMore = {
    expr = changed (manifest (here // { ChordNode4 = "test1"; }) (ids.ports // { ChordNode4 = 8005; }));
    expected = [ "ChordNode4" ];
  };
  nodeLess = {
    expr = changed (manifest (removeAttrs here [ "ChordNode3" ]) ids.ports);
    expected = [ "ChordNode3" ];
  };
  # Its component is the same, so that its data finds it.
  nodeMoved = {
    expr =
      let
        after = manifest (here // { ChordNode3 = "test1"; }) ids.ports;
      in
      [
        (changed after)
        (after.ChordNode3.component == before.ChordNode3.component)
      ];
    expected = [
      [ "ChordNode3" ]
      true
    ];
  };
  # All look there for the way in, and are restarted: the price of another address of the bootstrap node.
  bootstrapMoved = {
    expr = changed (manifest (here // { ChordBootstrapNode = "test2"; }) ids.ports);
    expected = builtins.attrNames here;
  };
}
