import {
  ArgumentError,
  functionLike,
  type OptionsRead,
  type Reader,
  readOptions,
  spelledOut,
} from "../engine/index.js";
import type { Initializer } from "./initializers.js";
import type { Layer } from "./scope.js";

/**
 * A function that makes layers of options, e.g. nn.linear. Where all of them may be left out, it can stand for the layer
 * itself: `nn.sequential(nn.relu)`.
 * @typeParam Options an object of options
 * @typeParam Short what may stand for the most important one alone, e.g. the kernel size of a pooling
 */
export interface LayerFactory<Options extends object, Short = never> {
  (...options: MayBeLeftOut<Options> extends true ? [options?: Options | Short] : [options: Options | Short]): Layer;
  /** The name of the layers it makes. */
  readonly layer: string;
}

/** Whether no option is required. */
export type MayBeLeftOut<Options> = string extends keyof Options ? true : object extends Options ? true : false;

/**
 * A function that makes layers.
 * @param layer the name of the layers
 * @param readers how its options are read; called when it is needed
 * @param make makes a layer of options that were read
 * @param short the option that a number, or an array, in the place of the options is
 */
export function layerFactory<Options extends object, Short, R extends Readers<NoInfer<Options>>>(
  layer: string,
  readers: () => R & Readers<NoInfer<Options>>,
  make: (options: OptionsRead<R>) => Layer,
  short?: keyof Options,
): LayerFactory<Options, Short> {
  const factories = {
    // The name of the function, as messages show it.
    [layer](given: Options = {} as Options, ...rest: readonly unknown[]): Layer {
      if (rest.length > 0) {
        throw new ArgumentError(
          `nn.${layer} takes its options in one object, nn.${layer}({ ${Object.keys(readers()).join(", ")} }), and learns the ` +
            `sizes of its input when the model is built; got ${rest.length + 1} arguments`,
        );
      }
      const options = short === undefined ? given : spelledOut(given, short);
      return make(readOptions<Options, R>(`nn.${layer}`, options, readers()));
    },
  };
  return Object.assign(factories[layer]!, { layer }) as LayerFactory<Options, Short>;
}

type Readers<Options> = { readonly [Name in keyof Options]-?: Reader<unknown> };

/** An initializer among the options of a layer. */
export const initializerOption: Reader<Initializer> = (name, given) =>
  functionLike<Initializer>("nn.initializers.zeros")(name, given);
