// Exists so that the precompiled header has a target (TintypeBuild.cmake).
