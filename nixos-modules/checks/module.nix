# services.chord, in what stands for a NixOS.
{ nixos, lib }:

let
  inherit (nixos) machine of complaints;

  one = of { enable = true; };
  service = one.systemd.services.chord-default;

  host =
    name:
    machine [
      ../../networks/members.nix
      { networking.hostName = name; }
    ];
  test1 = host "test1";
  test2 = host "test2";
  elsewhere = of {
    enable = true;
    nodes.a.dataDir = "/srv/chord";
  };
  open =
    restrict:
    of {
      enable = true;
      ring.members = {
        a = {
          host = "test1";
          address = "192.0.2.1";
          bootstrap = true;
        };
        b = {
          host = "test2";
          address = "2001:db8::2";
        };
      };
      defaults = {
        settings.insecure = true;
        openFirewall = true;
        firewall.restrictToRing = restrict;
      };
    };
  saved = of {
    enable = true;
    nodes.a.backup = {
      enable = true;
      keep = 3;
      postHook = "echo $FILE";
    };
  };
in
{
  nothingUnlessEnabled = {
    expr = (of { }).systemd.services;
    expected = { };
  };
  oneNode = {
    expr = [
      (lib.attrNames one.systemd.services)
      (lib.attrNames one.systemd.sockets)
      one.services.chord.nodes.default.settings
      (complaints one)
    ];
    expected = [
      [ "chord-default" ]
      [ "chord-default-ring" ]
      {
        ring = "chord";
        listen = "127.0.0.1:4170";
        advertise = "127.0.0.1:4170";
      }
      [ ]
    ];
  };
  # Who names nodes gets those.
  namedNodes = {
    expr =
      lib.attrNames
        (of {
          enable = true;
          nodes.a = { };
        }).services.chord.nodes;
    expected = [ "a" ];
  };
  noMemberHere = {
    expr =
      (machine [
        ../../networks/members.nix
        { networking.hostName = "elsewhere"; }
      ]).services.chord.nodes;
    expected = { };
  };
  runsUnasked = {
    expr = [
      service.notSocketActivated
      service.wantedBy
      service.requires
      service.after
    ];
    expected = [
      true
      [ "multi-user.target" ]
      [ "chord-default-ring.socket" ]
      [
        "network-online.target"
        "chord-default-ring.socket"
      ]
    ];
  };
  checkedFile = {
    expr =
      builtins.match "/opt/chord/bin/chord server --config /store/[0-9a-f]*-chord-default-checked.json" service.serviceConfig.ExecStart
      != null;
    expected = true;
  };
  hardeningYields = {
    expr =
      (machine [
        {
          services.chord.enable = true;
          systemd.services.chord-default.serviceConfig.ProtectHome = "read-only";
        }
      ]).systemd.services.chord-default.serviceConfig.ProtectHome;
    expected = "read-only";
  };
  eachHostItsOwn = {
    expr = map (config: lib.attrNames config.services.chord.nodes) [
      test1
      test2
    ];
    expected = [
      [
        "node0"
        "node1"
      ]
      [
        "node2"
        "node3"
      ]
    ];
  };
  founder = {
    expr = test1.services.chord.nodes.node0.settings;
    expected = {
      advertise = "test1:8001";
      domain = "test1";
      insecure = true;
      listen = "[::]:8001";
      name = "node0";
      ring = "example";
    };
  };
  member = {
    expr = test2.services.chord.nodes.node3.settings;
    expected = {
      advertise = "test2:8002";
      bootstrap = [ "test1:8001" ];
      domain = "test2";
      insecure = true;
      listen = "[::]:8002";
      name = "node3";
      ring = "example";
    };
  };
  templateIsSound = {
    expr =
      map
        (
          name:
          let
            config = machine [
              ../templates/ring/ring.nix
              { networking.hostName = name; }
            ];
          in
          complaints config ++ lib.attrNames config.services.chord.nodes
        )
        [
          "alpha"
          "beta"
          "gamma"
        ];
    expected = [
      [ "node1" ]
      [ "node2" ]
      [ "node3" ]
    ];
  };
  ringIsSound = {
    expr = complaints test1 ++ complaints test2;
    expected = [ ];
  };
  ports = {
    expr = test1.networking.firewall.allowedTCPPorts;
    expected = [
      8001
      8002
    ];
  };
  closedByDefault = {
    expr = one.networking.firewall.allowedTCPPorts;
    expected = [ ];
  };
  openToRing = {
    expr = [
      (open true).networking.firewall.allowedTCPPorts
      (open true).networking.firewall.extraCommands
      (open false).networking.firewall.allowedTCPPorts
      (complaints (open true))
    ];
    expected = [
      [ ]
      ''
        iptables -A nixos-fw -p tcp -s 192.0.2.1 --dport 4170 -j nixos-fw-accept
        ip6tables -A nixos-fw -p tcp -s 2001:db8::2 --dport 4170 -j nixos-fw-accept
      ''
      [ 4170 ]
      [ ]
    ];
  };
  listensAtNumbers = {
    expr = (open false).systemd.sockets.chord-a-ring.listenStreams;
    expected = [ "192.0.2.1:4170" ];
  };
  dataElsewhere = {
    expr = [
      elsewhere.services.chord.nodes.a.settings.data
      elsewhere.systemd.services.chord-a.serviceConfig.BindPaths
      elsewhere.systemd.services.chord-a.serviceConfig.User
      elsewhere.systemd.services.chord-a.unitConfig.RequiresMountsFor
      elsewhere.users.users.chord.isSystemUser
      elsewhere.systemd.tmpfiles.settings.chord."/srv/chord".d.user
    ];
    expected = [
      "/srv/chord"
      "/srv/chord"
      "chord"
      "/srv/chord"
      true
      "chord"
    ];
  };
  noUserOtherwise = {
    expr = one.users.users;
    expected = { };
  };
  backup = {
    expr = [
      saved.systemd.timers.chord-backup-a.timerConfig.OnCalendar
      saved.systemd.services.chord-backup-a.serviceConfig.StateDirectory
      (lib.hasInfix "backup --node 127.0.0.1:4170" saved.systemd.services.chord-backup-a.script)
      (lib.hasInfix "head -n -3" saved.systemd.services.chord-backup-a.script)
      (lib.hasInfix "echo $FILE" saved.systemd.services.chord-backup-a.script)
    ];
    expected = [
      "daily"
      "chord-backup/a"
      true
      true
      true
    ];
  };
  options = {
    expr =
      (of {
        enable = true;
        nodes.a = {
          port = 4242;
          listenAddress = "::1";
          leaveOnStop = true;
          nodeId = "8000000000000000000000000000000000000000";
          bootstrap = [ "[::1]:4170" ];
          settings = {
            replicas = 5;
            log-level = "debug";
          };
        };
      }).services.chord.nodes.a.settings;
    expected = {
      ring = "chord";
      listen = "[::1]:4242";
      advertise = "[::1]:4242";
      leave-on-stop = true;
      node-id = "8000000000000000000000000000000000000000";
      bootstrap = [ "[::1]:4170" ];
      replicas = 5;
      log-level = "debug";
    };
  };
  wrongTypes = {
    expr =
      map
        (
          node:
          (builtins.tryEval
            (of {
              enable = true;
              nodes.a = node;
            }).services.chord.nodes.a.port
          ).success
        )
        [
          { port = 70000; }
          { port = 1; }
        ];
    expected = [
      false
      true
    ];
  };
}
