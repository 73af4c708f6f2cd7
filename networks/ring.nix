# The nodes and the machines they run on: services.nix and distribution.nix are made of it. One more node is one more
# line, and a port from dydisnix-id-assign.
{
  ChordBootstrapNode = "test1";
  ChordNode1 = "test1";
  ChordNode2 = "test2";
  ChordNode3 = "test2";
}
