/// Sums of attendance in the order of `SumsLayout`; the last place is free.
typealias AttendanceSums = SIMD8<Int64>

extension SIMD8<Int64> {
  /// As the store keeps it.
  var vector: [Int64] { (0..<SumsLayout.fixedCount(.attendance, .session)).map { self[$0] } }

  /// Takes the store's vector; what is missing is zero.
  init(vector: [Int64]) {
    self.init(repeating: 0)
    for index in 0..<Swift.min(vector.count, SumsLayout.fixedCount(.attendance, .session)) {
      self[index] = vector[index]
    }
  }
}
