# The packages, with nixpkgs' lib and builders that build nothing.
{ lib }:

let
  pkgs = import ./pkgs.nix { inherit lib; };

  self = import ../../pkgs { inherit pkgs; };
  node =
    self.ChordNode
      {
        port = 8002;
        instanceSuffix = "1";
        settings.replicas = 5;
      }
      {
        ChordBootstrapNode = {
          port = 8001;
          target.properties.hostname = "test1";
        };
      };
  has = text: words: builtins.all (word: lib.hasInfix word text) words;
in
{
  all = {
    expr = map (name: self.${name}.name or self.${name}.pname) [
      "chord"
      "openchord"
      "manual"
      "monitoring"
      "dysnomia-chord"
      "ring"
    ];
    expected = [
      "chord"
      "chord"
      "chord-manual"
      "chord-monitoring"
      "chord-node"
      "ring"
    ];
  };
  service = {
    expr = self.chord.passthru.services.default.chord.package.pname;
    expected = "chord";
  };
  component = {
    expr = [
      node.name
      (has node.command [
        "check-config"
        "etc/systemd/system/chord-ChordNode1.service"
        "etc/systemd/system/chord-ChordNode1-ring.socket"
        "share/chord/ChordNode1"
      ])
    ];
    expected = [
      "ChordNode1"
      true
    ];
  };
  settings = {
    expr = builtins.fromJSON node.configFile.text;
    expected = {
      name = "ChordNode1";
      listen = "[::]:8002";
      insecure = true;
      bootstrap = [ "test1:8001" ];
      replicas = 5;
    };
  };
  module = {
    expr = self.dysnomia-chord.dir + "/" + self.dysnomia-chord.name;
    expected = "libexec/dysnomia/chord-node";
  };
}
