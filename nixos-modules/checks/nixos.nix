# A NixOS of which only the options are there that services.chord sets, with the real option types. None of them is free:
# a name that NixOS does not have is an error here, too.
{ lib }:

let
  inherit (lib) mkOption types;
  option = type: default: mkOption { inherit type default; };
  strings = option (types.listOf types.str) [ ];
  section = option (types.attrsOf types.unspecified) { };
  string = option types.str "";
  flag = option types.bool false;
  submodules = options: option (types.attrsOf (types.submodule { inherit options; })) { };

  unit = {
    description = string;
    documentation = strings;
    wants = strings;
    after = strings;
    requires = strings;
    wantedBy = strings;
    unitConfig = section;
  };
  nixos.options = {
    assertions = option (types.listOf types.unspecified) [ ];
    environment.systemPackages = option (types.listOf types.package) [ ];
    networking = {
      hostName = option types.str "test1";
      fqdnOrHostName = option types.str "test1.example.org";
      nftables.enable = flag;
      firewall = {
        allowedTCPPorts = option (types.listOf types.port) [ ];
        extraInputRules = option types.lines "";
        extraCommands = option types.lines "";
      };
    };
    systemd = {
      services = submodules (
        unit
        // {
          serviceConfig = section;
          script = option types.lines "";
          environment = option (types.attrsOf types.str) { };
          notSocketActivated = flag;
        }
      );
      sockets = submodules (
        unit
        // {
          listenStreams = strings;
          socketConfig = section;
        }
      );
      timers = submodules (unit // { timerConfig = section; });
      tmpfiles.settings = option (types.attrsOf (types.attrsOf (types.attrsOf types.unspecified))) { };
    };
    services = {
      prometheus = {
        scrapeConfigs = option (types.listOf types.attrs) [ ];
        ruleFiles = option (types.listOf types.path) [ ];
      };
      grafana.provision = {
        enable = flag;
        dashboards.settings = section;
      };
    };
    users = {
      users = submodules {
        isSystemUser = flag;
        group = string;
      };
      groups = submodules { };
    };
  };

  pkgs = import ./pkgs.nix { inherit lib; };
  chord = {
    type = "derivation";
    name = "chord";
    outPath = "/opt/chord";
  };

  # As NixOS writes arguments: quoted, without specifiers and variables.
  escape = arg: builtins.replaceStrings [ "%" "$" ] [ "%%" "$$" ] (builtins.toJSON arg);

  evaluate =
    modules:
    lib.evalModules {
      specialArgs = {
        inherit pkgs;
        utils.escapeSystemdExecArgs = lib.concatMapStringsSep " " escape;
      };
      modules = [
        nixos
        ../default.nix
        { services.chord.package = chord; }
      ]
      ++ modules;
    };
  machine = modules: (evaluate modules).config;
  of = chord: machine [ { services.chord = chord; } ];
  complaints = config: map (a: a.message) (lib.filter (a: !a.assertion) config.assertions);
in
{
  inherit
    machine
    of
    complaints
    ;
  force = lib.mkForce;
  inherit pkgs;
  inherit (evaluate [ ]) options;
}
