# What the machines really have: nixos-generate-config writes it.
{
  boot.loader.grub.device = "nodev";
  fileSystems."/" = {
    device = "/dev/disk/by-label/nixos";
    fsType = "ext4";
  };
  services.openssh.enable = true;
  system.stateVersion = "26.05";
}
