# The logical network. DisnixOS takes every attribute for a machine, so nothing else stands here.
{
  test1 = import ./configurations/test-vm.nix;
  test2 = import ./configurations/test-vm.nix;
}
