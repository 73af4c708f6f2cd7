{
  "ids" = {
    "ports" = {
      "ChordBootstrapNode" = 8001;
      "ChordNode1" = 8002;
      "ChordNode2" = 8003;
      "ChordNode3" = 8004;
    };
  };
  "lastAssignments" = {
    "ports" = 8004;
  };
}
