# The ring, once for all machines: each makes the nodes that are its own.
{
  services.chord = {
    enable = true;
    ring = {
      name = "library";
      members = {
        node1 = {
          host = "alpha";
          address = "192.0.2.1";
          bootstrap = true;
        };
        node2 = {
          host = "beta";
          address = "192.0.2.2";
        };
        node3 = {
          host = "gamma";
          address = "192.0.2.3";
        };
      };
    };
    defaults = {
      # There is no TLS yet: only these three machines reach the ring.
      settings.insecure = true;
      openFirewall = true;
      firewall.restrictToRing = true;
      backup.enable = true;
    };
  };
}
