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
    # Certificates are made once, on none of these machines, and brought to them for root alone:
    # chord tls ca; for node in node1 node2 node3; do chord tls node $node --ring library; done
    defaults =
      { name, ... }:
      {
        tls = {
          enable = true;
          certificate = "/etc/chord/${name}.crt";
          key = "/etc/chord/${name}.key";
          ca = "/etc/chord/ca.crt";
        };
        openFirewall = true;
        backup.enable = true;
      };
  };
}
