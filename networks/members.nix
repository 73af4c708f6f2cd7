# A ring for the NixOS module, declared once and imported by each of its machines, which makes the nodes that are its own.
{
  services.chord = {
    enable = true;
    ring = {
      name = "example";
      members = {
        node0 = {
          host = "test1";
          port = 8001;
          bootstrap = true;
        };
        node1 = {
          host = "test1";
          port = 8002;
        };
        node2 = {
          host = "test2";
          port = 8001;
        };
        node3 = {
          host = "test2";
          port = 8002;
        };
      };
    };
    # An example for a network that you trust. Elsewhere: tls, as in the template of a ring.
    defaults = {
      settings.insecure = true;
      openFirewall = true;
    };
  };
}
