# What bench/rendition_bench.py and bench/quality_bench.py call; no benchmark by itself.

foreach(program render_probe rendition_ladder)
  add_executable(${program} ${program}.cc)
  target_link_libraries(${program} PRIVATE tintype_imaging)
  target_include_directories(${program} PRIVATE ${CMAKE_SOURCE_DIR})
endforeach()

foreach(program bare_vips rendition_sources)
  add_executable(${program} ${program}.cc)
  target_link_libraries(${program} PRIVATE vips Threads::Threads)
endforeach()
