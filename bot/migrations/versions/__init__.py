"""One file per version, named `<number>_<service>_<what>.py`, each following the one before."""
