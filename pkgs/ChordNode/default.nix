{ createChordNode }:

{
  port,
  instanceSuffix ? "",
  instanceName ? "ChordNode${instanceSuffix}",
  settings ? { },
  credentials ? { },
}:

{ ChordBootstrapNode }:

createChordNode {
  inherit instanceName port credentials;
  description = "Chord node";
  settings = {
    bootstrap = [
      "${ChordBootstrapNode.target.properties.hostname}:${toString ChordBootstrapNode.port}"
    ];
  }
  // settings;
}
