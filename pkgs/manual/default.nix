# The manual as HTML and PDF, under share/doc/chord/manual.
{
  lib,
  stdenvNoCC,
  pandoc,
  typst,
  writeText,
  chord,
}:

stdenvNoCC.mkDerivation {
  pname = "chord-manual";
  inherit (chord) version;
  src = lib.fileset.toSource {
    root = ./.;
    fileset = lib.fileset.unions [
      (lib.fileset.fileFilter (file: file.hasExt "md") ./.)
      ./images
      ./render.sh
    ];
  };
  nativeBuildInputs = [
    pandoc
    typst
    chord
  ];

  buildPhase = ''
    runHook preBuild
    # The references are what the program and the module say of themselves.
    (head -n 8 options.md; chord options) > new.md && mv new.md options.md
    (head -n 8 metrics.md; chord metrics) > new.md && mv new.md metrics.md
    cp ${writeText "nixos-options.md" (import ./nixos-options.nix { inherit lib; })} nixos-options.md
    bash render.sh $out/share/doc/chord/manual
    runHook postBuild
  '';
  dontInstall = true;

  meta = {
    description = "Manual of the Chord distributed hash table";
    license = lib.licenses.mit;
  };
}
