import { expect, test } from 'vitest';
import { meanOf, scaled, spreadOf } from '../../src/measure/samples.ts';

test('a spread is the median and the quartiles, whatever the order of the samples', () => {
  expect(spreadOf([50, 10, 40, 20, 30])).toEqual({ median: 30, low: 20, high: 40, count: 5 });
});

test('between two samples it lies in the middle', () => {
  expect(spreadOf([1, 2]).median).toBe(1.5);
});

test('nothing measured is no figure', () => {
  expect(() => spreadOf([])).toThrow(RangeError);
  expect(() => meanOf([])).toThrow(RangeError);
});

test('another unit changes all numbers but how many there were', () => {
  expect(scaled(spreadOf([1, 2, 3]), 1000)).toEqual({ median: 2000, low: 1500, high: 2500, count: 3 });
});
