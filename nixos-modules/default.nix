{ imports = [ ./chord ]; }
