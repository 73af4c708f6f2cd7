# A machine that takes nodes from Disnix.
{ pkgs, ... }:

let
  inherit ((import ../idresources.nix)) ports;
  chordPkgs = import ../../pkgs { inherit pkgs; };
in
{
  services.disnix = {
    enable = true;
    enableProfilePath = true;
  };
  services.dysnomia = {
    enableLegacyModules = false;
    # Nodes move with their data.
    extraModulePaths = [ "${chordPkgs.dysnomia-chord}/libexec/dysnomia" ];
    extraContainerProperties.chord-node.systemdTargetDir = "/etc/systemd-mutable/system";
  };
  services.openssh.enable = true;

  networking.firewall.allowedTCPPortRanges = [
    {
      from = ports.min;
      to = ports.max;
    }
  ];
}
