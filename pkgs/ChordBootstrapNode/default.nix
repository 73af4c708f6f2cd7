{ createChordNode }:

{
  port,
  instanceSuffix ? "",
  instanceName ? "ChordBootstrapNode${instanceSuffix}",
  settings ? { },
  credentials ? { },
}:

createChordNode {
  inherit
    instanceName
    port
    settings
    credentials
    ;
  description = "Chord bootstrap node";
}
