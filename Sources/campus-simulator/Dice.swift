/// Random numbers that are the same on every machine and in every release: SplitMix64, seeded by what they are for.
///
///     var dice = Dice(seed, .lessons, day, person)
struct Dice {
  /// What the numbers decide, so that no two uses share a sequence.
  enum Purpose: UInt64 {
    case campus, key, habit, lesson, passage, vote, mood, status, incident, load, epoch, reboot, fault
    case network, visitor, guest, awkward
  }

  private var state: UInt64

  init(_ seed: UInt64, _ purpose: Purpose, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0) {
    state = Self.mixed(seed &+ 0x9E37_79B9_7F4A_7C15 &* (purpose.rawValue &+ 1))
    state = Self.mixed(state ^ UInt64(bitPattern: Int64(a)))
    state = Self.mixed(state &+ 0xD1B5_4A32_D192_ED03 ^ UInt64(bitPattern: Int64(b)))
    state = Self.mixed(state &+ 0x8CB9_2BA7_2F3D_8DD7 ^ UInt64(bitPattern: Int64(c)))
  }

  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mixed(state)
  }

  /// From 0 inclusive to 1 exclusive.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  mutating func chance(_ probability: Double) -> Bool { unit() < probability }

  /// From 0 inclusive to `count` exclusive; 0 where there is nothing to choose from.
  mutating func below(_ count: Int) -> Int {
    count > 0 ? Int(next().multipliedFullWidth(by: UInt64(count)).high) : 0
  }

  mutating func between(_ least: Double, _ most: Double) -> Double { least + unit() * (most - least) }

  /// Near enough to the normal distribution, without functions that differ between machines.
  mutating func normal(_ mean: Double, _ deviation: Double) -> Double {
    var sum = 0.0
    for _ in 0..<12 { sum += unit() }
    return mean + (sum - 6) * deviation
  }

  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}

/// FNV-1a, 64 bits: a name as a number, the same in every run.
func stableHash(_ text: String) -> Int {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
  return Int(truncatingIfNeeded: hash)
}
