{ createChordNode }:

{
  port,
  instanceSuffix ? "",
  instanceName ? "ChordNode${instanceSuffix}",
  settings ? { },
}:

{ ChordBootstrapNode }:

createChordNode {
  inherit instanceName port;
  description = "Chord node";
  settings = {
    bootstrap = [
      "${ChordBootstrapNode.target.properties.hostname}:${toString ChordBootstrapNode.port}"
    ];
  }
  // settings;
}
