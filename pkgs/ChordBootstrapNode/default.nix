{ createChordNode }:

{
  port,
  instanceSuffix ? "",
  instanceName ? "ChordBootstrapNode${instanceSuffix}",
  settings ? { },
}:

createChordNode {
  inherit instanceName port settings;
  description = "Chord bootstrap node";
}
