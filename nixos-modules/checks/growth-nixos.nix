# One member more in the ring's data is one unit more with its sockets, and no other changes on any machine.
{ nixos, lib }:

let
  units =
    host: more:
    let
      config = nixos.machine [
        ../../networks/members.nix
        { networking.hostName = host; }
        {
          services.chord.ring = {
            founder = "node0";
            members = more;
          };
        }
      ];
    in
    config.systemd.services // config.systemd.sockets;
  changed =
    host: more:
    let
      before = units host { };
      after = units host more;
      named = lib.unique (lib.attrNames before ++ lib.attrNames after);
    in
    lib.filter (
      name: builtins.toJSON (before.${name} or null) != builtins.toJSON (after.${name} or null)
    ) named;
  both =
    more:
    lib.genAttrs [
      "test1"
      "test2"
    ] (host: changed host more);
  node4 = {
    host = "test2";
    port = 8003;
  };
in
{
  member = {
    expr = both { inherit node4; };
    expected = {
      test1 = [ ];
      test2 = [
        "chord-node4"
        "chord-node4-ring"
      ];
    };
  };
  # The others are told of it, by a restart each: why a new member is better no bootstrap member at once.
  bootstrapMember = {
    expr = both {
      node4 = node4 // {
        bootstrap = true;
      };
    };
    expected = {
      test1 = [ "chord-node1" ];
      test2 = [
        "chord-node2"
        "chord-node3"
        "chord-node4"
        "chord-node4-ring"
      ];
    };
  };
}
