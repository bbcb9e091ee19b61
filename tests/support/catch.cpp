// What the precompiled header of all tests belongs to.
