# A machine that `nixos-rebuild build-vm` and `nix run .#vm` start; the console logs in by itself.
{ modulesPath, ... }:
{
  imports = [ "${modulesPath}/virtualisation/qemu-vm.nix" ];

  virtualisation = {
    memorySize = 1024;
    graphics = false;
  };
  services.getty.autologinUser = "root";
  system.stateVersion = "26.05";
}
