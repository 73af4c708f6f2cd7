# Three machines with a node each, declared once.
let
  ring = {
    services.chord = {
      enable = true;
      ring.members = {
        node1 = {
          host = "one";
          bootstrap = true;
        };
        node2.host = "two";
        node3.host = "three";
      };
      defaults = {
        settings.insecure = true;
        openFirewall = true;
      };
    };
  };
in
{
  one = ring;
  two = ring;
  three = ring;
}
