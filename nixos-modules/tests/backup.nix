# Copies are made at their time, old ones go, and a lost disk comes back from one.
{
  name = "chord-backup";

  nodes.machine.services.chord = {
    enable = true;
    nodes.default.backup = {
      enable = true;
      keep = 2;
      postHook = ''echo "$FILE" >> /var/lib/chord-backup/default/done'';
    };
  };

  testScript = ''
    machine.wait_for_unit("chord-default.service")
    machine.wait_for_unit("chord-backup-default.timer")
    machine.succeed("chord insert color blue")
    for _ in range(3):
        machine.succeed("systemctl start chord-backup-default.service")
        machine.sleep(1)
    directory = "/var/lib/chord-backup/default"
    machine.succeed(f"[ $(ls {directory}/*.db | wc -l) = 2 ]")
    machine.succeed(f"[ $(wc -l < {directory}/done) = 3 ]")

    machine.systemctl("stop chord-default.service")
    machine.succeed("rm -r /var/lib/private/chord/default/*")
    machine.succeed(f"chord restore $(ls {directory}/*.db | tail -1) --data /var/lib/private/chord/default --force --alone")
    machine.succeed("cd /var/lib/private/chord/default && chown -R --reference=. .")
    machine.systemctl("start chord-default.service")
    assert machine.succeed("chord retrieve color").strip() == "blue"
  '';
}
