{
  lib,
  stdenv,
  buildGoModule,
  installShellFiles,
  versionCheckHook,
  nixosTests ? { },
}:

let
  fs = lib.fileset;
in
buildGoModule (finalAttrs: {
  pname = "chord";
  version = "0.1.0";

  # The README is a script test, and so part of the sources.
  src = fs.toSource {
    root = ../..;
    fileset = fs.unions [
      ../../src
      ../../README.md
    ];
  };
  modRoot = "src";

  # Of what `go mod vendor` writes; `.ci/nix` says what it must be.
  vendorHash = "sha256-JW5ICcueS8/97Y0+gRwJQqlgzZv6xuEw53OFPX6oX4I=";

  subPackages = [ "cmd/chord" ];
  env.CGO_ENABLED = 0;
  ldflags = [
    "-s"
    "-w"
    "-X main.release=${finalAttrs.version}"
  ];

  nativeBuildInputs = [ installShellFiles ];

  # All packages, not the program's alone. What a test needs and does not find, it names and skips.
  checkPhase = ''
    runHook preCheck
    export HOME=$TMPDIR
    go test -p "$NIX_BUILD_CORES" ./...
    runHook postCheck
  '';

  postInstall = ''
    ln -s chord $out/bin/chord-server
    ln -s chord $out/bin/openchord-console
  ''
  + lib.optionalString (stdenv.buildPlatform.canExecute stdenv.hostPlatform) ''
    installShellCompletion --cmd chord \
      --bash <($out/bin/chord completion bash) \
      --zsh <($out/bin/chord completion zsh) \
      --fish <($out/bin/chord completion fish)
    $out/bin/chord man man
    installManPage man/*
  '';

  doInstallCheck = true;
  nativeInstallCheckInputs = [ versionCheckHook ];
  versionCheckProgramArg = "--version";

  passthru = {
    services.default = {
      imports = [ (lib.modules.importApply ./service.nix { }) ];
      chord.package = finalAttrs.finalPackage;
    };
    tests = lib.optionalAttrs (nixosTests ? chord) { inherit (nixosTests) chord; };
    updateScript = ./update.sh;
  };

  meta = {
    description = "Chord distributed hash table that keeps its promises";
    license = lib.licenses.mit;
    mainProgram = "chord";
    platforms = lib.platforms.linux;
  };
})
