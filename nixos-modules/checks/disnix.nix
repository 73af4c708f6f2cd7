# The models through Disnix' own code.
{
  disnix,
  lib,
  pkgs,
}:

let
  wrap = import (disnix + "/wrap-architecture.nix") { inherit lib; };
  normalize = import (disnix + "/normalize-architecture.nix") { inherit lib; };

  architecture = normalize.generateNormalizedDeploymentArchitecture {
    architectureFun = wrap.wrapBasicInputsModelsIntoArchitectureFun {
      servicesFun = import ../../services.nix;
      infrastructure = import ../../infrastructure.nix;
      distributionFun = import ../../distribution.nix;
      extraParams = { };
    };
    # In place of nixpkgs: the same few functions.
    nixpkgs = builtins.toFile "nixpkgs.nix" "{ system ? null }: throw \"not needed\"";
    defaultClientInterface = "disnix-ssh-client";
    defaultTargetProperty = "hostname";
    defaultDeployState = false;
    extraParams = { inherit pkgs; };
  };
  nodes = builtins.removeAttrs architecture.services [ "openchord" ];
in
{
  disnixTargets = {
    expr = builtins.mapAttrs (_: service: map (t: "${t.target}/${t.container}") service.targets) nodes;
    expected = {
      ChordBootstrapNode = [ "test1/chord-node" ];
      ChordNode1 = [ "test1/chord-node" ];
      ChordNode2 = [ "test2/chord-node" ];
      ChordNode3 = [ "test2/chord-node" ];
    };
  };
  disnixBuilds = {
    expr = builtins.mapAttrs (_: service: service.pkgs.x86_64-linux.name) nodes;
    expected = builtins.mapAttrs (name: _: name) nodes;
  };
  disnixParameters = {
    expr = (builtins.fromJSON nodes.ChordNode2.pkgs.x86_64-linux.configFile.text).bootstrap;
    expected = [ "test1:8001" ];
  };
}
