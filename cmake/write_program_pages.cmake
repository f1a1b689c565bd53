# Has the program PROGRAM write its pages of the manual and its completions into FOLDER, which is laid
# out as share/ of an installation.

# print(<file> <argument>...): writes what the program prints into a file below FOLDER.
function(print file)
  get_filename_component(folder ${FOLDER}/${file} DIRECTORY)
  file(MAKE_DIRECTORY ${folder})
  execute_process(COMMAND ${PROGRAM} ${ARGN} OUTPUT_FILE ${FOLDER}/${file}
                  COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${FOLDER})
execute_process(COMMAND ${PROGRAM} man OUTPUT_VARIABLE pages COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" pages "${pages}")
foreach(page IN LISTS pages)
  string(REGEX MATCH "[0-9]$" section ${page})
  print(man/man${section}/${page} man ${page})
endforeach()
print(bash-completion/completions/wscast completion bash)
print(fish/vendor_completions.d/wscast.fish completion fish)
print(zsh/vendor-completions/_wscast completion zsh)
