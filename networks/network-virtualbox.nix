# nixops create networks/network.nix networks/network-virtualbox.nix -d vboxtest     (NixOps 1)
# nixops create -d vboxtest                                                          (NixOps 2: the flake)
{
  test1 = import ./configurations/virtualbox.nix;
  test2 = import ./configurations/virtualbox.nix;
}
