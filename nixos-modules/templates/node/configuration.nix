{
  # One node on loopback: `chord status`, `chord insert color blue`.
  services.chord = {
    enable = true;
    nodes.default.backup.enable = true;
  };

  # What this machine really has: nixos-generate-config writes it.
  boot.loader.grub.device = "nodev";
  fileSystems."/" = {
    device = "/dev/disk/by-label/nixos";
    fsType = "ext4";
  };
  system.stateVersion = "26.05";
}
