import Glibc

/// Ends the process with a sentence where an invariant does not hold; libFuzzer keeps the input.
@inline(__always)
public func require(_ holds: Bool, _ invariant: StaticString) {
  if !holds { broken(invariant) }
}

@inline(never)
private func broken(_ invariant: StaticString) -> Never {
  let line = Array("broken: \(invariant)\n".utf8)
  write(STDERR_FILENO, line, line.count)
  abort()
}
