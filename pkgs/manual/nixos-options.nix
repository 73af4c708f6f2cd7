# The chapter on services.chord, of the module itself: nixpkgs' lib is enough.
# nix-instantiate --eval --strict --json -E 'import ./pkgs/manual/nixos-options.nix { lib = import <nixpkgs/lib>; }'
{ lib }:

let
  nixos = import ../../nixos-modules/checks/nixos.nix { inherit lib; };

  options = lib.filter (
    option: option.visible && !option.internal && lib.head option.loc == "services"
  ) (lib.optionAttrSetToDocList { services.chord = nixos.options.services.chord; });

  text = value: value.text or value;
  # {option}`x` and {manpage}`x` are `x` on a page.
  plain =
    description:
    lib.replaceStrings
      [
        "{option}"
        "{manpage}"
        "{file}"
      ]
      [
        ""
        ""
        ""
      ]
      (lib.trim (text description));
  code =
    value:
    if lib.hasInfix "\n" value then
      "\n\n  ```nix\n  ${lib.replaceStrings [ "\n" ] [ "\n  " ] value}\n  ```"
    else
      " `${value}`";
  shown = value: if value._type or "" == "literalMD" then " ${text value}" else code (text value);

  entry =
    option:
    lib.concatStrings (
      [
        "### `${option.name}`\n\n${plain (option.description or "")}\n\n- Type: ${option.type}\n"
      ]
      ++ lib.optional option.readOnly "- Read only\n"
      ++ lib.optional (option ? default) "- Default:${shown option.default}\n"
      ++ lib.optional (option ? example) "- Example:${shown option.example}\n"
      ++ [ "\n" ]
    );
in
''
  <!-- Written of the module by nixos-options.nix; `.ci/nix --write` does it anew. -->

  # Options of services.chord

  What a NixOS module of a machine can say. `services.chord.enable = true;` alone is a working node on loopback. What
  a node's `settings` take stands in [options.md](options.md).

  ## All machines of a ring, and this one

''
+ lib.concatMapStrings entry (lib.filter (o: !lib.hasInfix "nodes.<name>" o.name) options)
+ "## A node\n\n"
+ lib.removeSuffix "\n" (
  lib.concatMapStrings entry (lib.filter (o: lib.hasInfix "nodes.<name>" o.name) options)
)
