# Every machine that the project shows, in what stands for a NixOS: those of the tests, networks and templates. Here are the
# options that they set beside services.chord.
{ nixos, lib }:

let
  inherit (lib) mkOption types;
  option = type: default: mkOption { inherit type default; };
  any = option types.raw null;
  set = option (types.attrsOf types.anything) { };
  flag = option types.bool false;

  more.options = {
    boot.loader.grub.device = any;
    deployment = set;
    environment.etc = set;
    fileSystems = set;
    networking.firewall.allowedTCPPortRanges = option (types.listOf (types.attrsOf types.port)) [ ];
    services = {
      disnix = {
        enable = flag;
        enableProfilePath = flag;
      };
      dysnomia = {
        enableLegacyModules = option types.bool true;
        extraModulePaths = option (types.listOf types.str) [ ];
        extraContainerProperties = set;
      };
      openssh.enable = flag;
      getty.autologinUser = any;
      prometheus.enable = flag;
      grafana = {
        enable = flag;
        settings = set;
      };
    };
    specialisation = mkOption {
      type = types.attrsOf (
        types.submodule { options.configuration = mkOption { type = types.deferredModule; }; }
      );
      default = { };
    };
    system.stateVersion = any;
    virtualisation = set;
  };

  # What the machine runs, once it has nothing to complain of.
  runs =
    name: modules:
    let
      config = nixos.machine (
        [
          more
          { networking.hostName = lib.mkDefault name; }
        ]
        ++ modules
      );
      complaints = nixos.complaints config;
    in
    if complaints != [ ] then complaints else lib.attrNames config.systemd.services;

  network = file: lib.mapAttrs (name: configuration: runs name [ configuration ]) (import file);

  names = import ../tests/names.nix;
  tests = lib.genAttrs names (
    name:
    let
      test = import (../tests + "/${name}.nix");
    in
    if lib.isFunction test then
      test {
        inherit lib;
        inherit (nixos) pkgs;
      }
    else
      test
  );
  machinesOf =
    test:
    lib.mapAttrs (
      name: module:
      runs name [
        module
        (test.defaults or { })
      ]
    ) test.nodes;
in
{
  inherit tests;
  scripts = lib.mapAttrs (_: test: test.testScript) tests;

  checks = {
    allTests = {
      expr = lib.naturalSort names;
      expected = lib.filter (
        name:
        !lib.elem name [
          "default"
          "names"
          "three"
        ]
      ) (map (lib.removeSuffix ".nix") (lib.attrNames (builtins.readDir ../tests)));
    };
    tests = {
      expr = lib.mapAttrs (_: machinesOf) tests;
      expected = {
        single.machine = [ "chord-default" ];
        multi-instance.machine = [
          "chord-a"
          "chord-b"
        ];
        clients.machine = [ "chord-default" ];
        backup.machine = [
          "chord-backup-default"
          "chord-default"
        ];
        monitoring.machine = [ "chord-default" ];
        disnix = {
          test1 = [ ];
          test2 = [ ];
        };
        tls =
          lib.mapAttrs
            (_: n: [
              "chord-backup-node${n}"
              "chord-node${n}"
            ])
            {
              one = "1";
              two = "2";
              three = "3";
            };
      }
      // lib.genAttrs [ "ring" "partition" "crash" "upgrade" ] (_: {
        one = [ "chord-node1" ];
        two = [ "chord-node2" ];
        three = [ "chord-node3" ];
      });
    };
    networks = {
      expr = map network [
        ../../networks/network.nix
        ../../networks/network-vm.nix
        ../../networks/network-virtualbox.nix
        ../../networks/network-none.nix
      ];
      expected = lib.genList (_: {
        test1 = [ ];
        test2 = [ ];
      }) 4;
    };
    # Two nodes a machine, of the ring's data.
    hives = {
      expr =
        let
          hive = import ../../networks/colmena.nix {
            nixpkgs = nixos.pkgs;
            chordModule = { };
          };
        in
        lib.mapAttrs (name: machine: runs name [ (machine { inherit name; }) ]) (
          removeAttrs hive [ "meta" ]
        );
      expected = {
        test1 = [
          "chord-node0"
          "chord-node1"
        ];
        test2 = [
          "chord-node2"
          "chord-node3"
        ];
      };
    };
    nixops = {
      expr = lib.mapAttrs (name: machine: runs name [ machine ]) (
        removeAttrs (import ../../networks/nixops.nix { nixpkgs = nixos.pkgs; }) [
          "nixpkgs"
          "network"
        ]
      );
      expected = {
        test1 = [ ];
        test2 = [ ];
      };
    };
    templates = {
      expr = [
        (runs "machine" [ ../templates/node/configuration.nix ])
        (runs "gamma" [
          ../templates/ring/ring.nix
          ../templates/ring/machine.nix
        ])
      ];
      expected = [
        [
          "chord-backup-default"
          "chord-default"
        ]
        [
          "chord-backup-node3"
          "chord-node3"
        ]
      ];
    };
    # The upgrade of the test changes the unit, or it would show nothing.
    upgrade = {
      expr =
        let
          test = tests.upgrade;
          watchdog =
            modules:
            (nixos.machine (
              [
                more
                { networking.hostName = "one"; }
                test.nodes.one
                (removeAttrs test.defaults [ "specialisation" ])
              ]
              ++ modules
            )).systemd.services.chord-node1.serviceConfig.WatchdogSec;
        in
        [
          (watchdog [ ])
          (watchdog [ test.defaults.specialisation.upgraded.configuration ])
        ];
      expected = [
        30
        20
      ];
    };
  };
}
