"""Publishing a build that passed, and the file for analysts."""
