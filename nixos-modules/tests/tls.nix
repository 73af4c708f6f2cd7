# A ring whose nodes and clients show certificates: who has none, or another ring's, is refused; roles hold.
{ pkgs, ... }:

let
  three = import ./three.nix;
  inherit (import ../../pkgs { inherit pkgs; }) chord;

  # Of a test, so they may lie in the store; the module refuses that for a machine's own.
  certificates = pkgs.runCommand "chord-certificates" { } ''
    mkdir $out
    cd $out
    ${chord}/bin/chord tls ca
    for node in node1 node2 node3; do ${chord}/bin/chord tls node $node; done
    for role in read write admin; do ${chord}/bin/chord tls client $role --role $role; done
    ${chord}/bin/chord tls ca stranger
    ${chord}/bin/chord tls client outsider --role admin --ca stranger
  '';
  asks =
    role:
    "--tls-cert ${certificates}/${role}.crt --tls-key ${certificates}/${role}.key --tls-ca ${certificates}/ca.crt";
in
{
  name = "chord-tls";

  inherit (three) nodes;
  defaults = {
    environment.etc.certificates.source = certificates;
    services.chord.defaults =
      { name, ... }:
      {
        backup.enable = true;
        tls = {
          enable = true;
          certificate = "/etc/certificates/${name}.crt";
          key = "/etc/certificates/${name}.key";
          ca = "/etc/certificates/ca.crt";
        };
      };
  };

  testScript = ''
    start_all()
    machines = [(one, "node1"), (two, "node2"), (three, "node3")]
    for machine, name in machines:
        machine.wait_for_unit(f"chord-{name}.service")
    one.wait_until_succeeds("chord ring ${asks "read"} --node one:4170 | grep -c 'node[123]' | grep -qx 3")

    with subtest("roles"):
        two.succeed("chord insert ${asks "write"} --node two:4170 color blue")
        assert three.succeed("chord retrieve ${asks "read"} --node three:4170 color").strip() == "blue"
        two.fail("chord insert ${asks "read"} --node two:4170 color red")

    with subtest("strangers"):
        two.fail("chord status --node two:4170")
        two.fail("chord status ${asks "outsider"} --node two:4170")

    with subtest("a backup, by the node's own certificate"):
        one.succeed("systemctl start chord-backup-node1.service")
        one.succeed("ls /var/lib/chord-backup/node1/*.db")
  '';
}
