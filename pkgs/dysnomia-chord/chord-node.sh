#!@runtimeShell@
# Dysnomia module for chord nodes: OPERATION COMPONENT [CONTAINER].
#
# Files: etc/systemd/system/*, the units; share/chord/NAME with unit=, port= and dataDir= of the node.
# Container properties (environment): systemdTargetDir, where units are linked (/etc/systemd-mutable/system);
# systemdRootTarget, the directory in it of what starts when the machine boots (dysnomia.target.wants).
#
# When Disnix moves a node it activates the new place, snapshots the stopped old one, copies, and restores onto the
# running new one. So snapshot works on both, and restore stops and starts.
# Not -u: Dysnomia's functions ask for variables that may not be there.
set -eo pipefail
export PATH=@path@:$PATH

source @util@
composeUtilityVariables "$0" "$2" "${3:-}"
source "$2/share/chord/$componentName"
units=${systemdTargetDir:-/etc/systemd-mutable/system}
# What the machine starts when it boots.
wants=$units/${systemdRootTarget:-dysnomia.target.wants}
from=$2/etc/systemd/system

activate() {
  mkdir -p "$wants"
  local file
  for file in "$from"/*; do ln -sfn "$file" "$units/"; done
  ln -sfn "$from/$unit.service" "$wants/"
  systemctl daemon-reload
  # The service requires its socket; it is ready once the node is a member of its ring.
  systemctl start "$unit.service"
}

deactivate() {
  local file
  systemctl stop "$unit-ring.socket" "$unit.service" || true
  rm -f "$wants/$unit.service"
  for file in "$from"/*; do rm -f "$units/$(basename "$file")"; done
  systemctl daemon-reload
}

snapshot() {
  local work hash snapshots
  work=$(mktemp -d)
  if systemctl --quiet is-active "$unit.service"; then
    chord backup --node "127.0.0.1:$port" "$work/chord.db" >&2
  elif [ -e "$dataDir/chord.db" ]; then
    chord backup --data "$dataDir" "$work/chord.db" >&2
  else
    rm -r "$work"
    return 0
  fi
  hash=$(sha256sum "$work/chord.db")
  hash=${hash:0:64}
  snapshots=$(composeSnapshotsPath)
  mkdir -p "$snapshots/$hash"
  mv "$work/chord.db" "$snapshots/$hash/chord.db"
  rm -r "$work"
  createGenerationSymlink "$hash"
}

restore() {
  local last said
  last=$(determineLastSnapshot)
  [ -n "$last" ] || return 0
  # The socket stays: who calls meanwhile waits.
  systemctl stop "$unit.service"
  mkdir -p "$dataDir"
  said=$(chord restore "$last/chord.db" --data "$dataDir" --force)
  echo "$said" >&2
  # Its copies count once they are filled from the other members. A ring of one has none.
  case $said in
  *"knows of no other member"*) chord restore "$last/chord.db" --data "$dataDir" --force --alone >&2 ;;
  esac
  # To whom the directory belongs, who may be a user of systemd's making.
  chown -R --reference="$dataDir/." "$dataDir/."
  systemctl start "$unit.service"
}

case "$1" in
activate)
  activate || { deactivate; exit 1; }
  markComponentAsActive
  ;;
deactivate)
  deactivate
  markComponentAsGarbage
  ;;
snapshot) snapshot ;;
restore) restore ;;
collect-garbage)
  if componentMarkedAsGarbage; then
    find "$dataDir/." -mindepth 1 -delete
    unmarkComponentAsGarbage
  fi
  ;;
shell)
  cat >&2 <<HELP
This shell is on the machine of the chord node $componentName. Some useful commands:
chord ring --node 127.0.0.1:$port     Who is in its ring
chord status --node 127.0.0.1:$port   How it is
journalctl -u $unit                   What it logged
HELP
  ;;
esac
