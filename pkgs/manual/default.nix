# The manual as HTML and PDF, under share/doc/chord/manual.
{
  lib,
  stdenvNoCC,
  pandoc,
  typst,
  chord,
}:

stdenvNoCC.mkDerivation {
  pname = "chord-manual";
  inherit (chord) version;
  src = lib.fileset.toSource {
    root = ./.;
    fileset = lib.fileset.unions [
      (lib.fileset.fileFilter (file: file.hasExt "md") ./.)
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
    # The reference is what the program says of itself.
    (head -n 8 options.md; chord options) > new.md && mv new.md options.md
    bash render.sh $out/share/doc/chord/manual
    runHook postBuild
  '';
  dontInstall = true;

  meta = {
    description = "Manual of the Chord distributed hash table";
    license = lib.licenses.mit;
  };
}
