// The scripts that teach a shell to complete `tasker`. Each hands the words to `tasker __complete` and shows what comes
// back: a word, a tab and its description a line; the line `:files` lets the shell complete a path.

export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const
export type Shell = (typeof shells)[number]

export const completionScripts: Readonly<Record<Shell, string>> = {
  bash: `# Completion of tasker for bash: source <(tasker completion bash)
# For every session: tasker completion bash > ~/.local/share/bash-completion/completions/tasker
_tasker_complete() {
  local line word="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$word")
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done < <(tasker __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _tasker_complete tasker
`,
  zsh: `#compdef tasker
# Completion of tasker for zsh: source <(tasker completion zsh), after compinit
# For every session: tasker completion zsh > "\${fpath[1]}/_tasker"
_tasker() {
  local line
  local -a described
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      _files
    else
      described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    fi
  done < <(tasker __complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  (( $#described )) && _describe tasker described
}
if [[ "\${funcstack[1]}" == _tasker ]]; then _tasker "$@"; else compdef _tasker tasker; fi
`,
  fish: `# Completion of tasker for fish: tasker completion fish | source
# For every session: tasker completion fish > ~/.config/fish/completions/tasker.fish
function __tasker_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    for line in (tasker __complete -- $words[2..] "$word" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path "$word"
        else
            echo $line
        end
    end
end
complete -c tasker -f -a '(__tasker_complete)'
`,
  powershell: `# Completion of tasker for PowerShell: tasker completion powershell | Out-String | Invoke-Expression
# For every session, add that line to $PROFILE.
Register-ArgumentCompleter -Native -CommandName tasker -ScriptBlock {
    param($word, $line, $position)
    $words = @($line.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
    if ($word -eq '') { $words += '""' }
    tasker __complete -- @words 2>$null | ForEach-Object {
        if ($_ -eq ':files') {
            Get-ChildItem -Path "$word*" -Name | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ProviderItem', $_)
            }
        } else {
            $value, $description = $_ -split "\`t", 2
            if (-not $description) { $description = $value }
            [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $description)
        }
    }
}
`,
}
